"""Verifies certificates, and opens keys, as python-cryptography does.

Reads a JSON list of questions from standard input and writes a list of answers: whether it was content, and what it said.
"""

import ipaddress
import json
import sys

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import verification


def read(path):
    with open(path, "rb") as file:
        return file.read()


def subject_of(host):
    try:
        return verification.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return verification.DNSName(host)


def verify(question):
    leaf, *intermediates = x509.load_pem_x509_certificates(read(question["chainFile"]))
    roots = x509.load_pem_x509_certificates(read(question["rootFile"]))
    builder = verification.PolicyBuilder().store(verification.Store(roots))
    if question["purpose"] == "client":
        return builder.build_client_verifier().verify(leaf, intermediates).subjects
    return builder.build_server_verifier(subject_of(question["host"])).verify(leaf, intermediates)


def open_key(question):
    return load_pem_private_key(read(question["keyFile"]), question["passphrase"].encode())


def answer(question):
    try:
        return {"accepted": True, "said": str(open_key(question) if "keyFile" in question else verify(question))}
    except (verification.VerificationError, ValueError, UnsupportedAlgorithm) as error:
        return {"accepted": False, "said": str(error)}


json.dump([answer(question) for question in json.load(sys.stdin)], sys.stdout)
