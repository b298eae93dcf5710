import { chmodSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { chainText, leaf } from "./pair-parties.ts";
import { type Content, type WrongPair, wrong } from "./pair-table.ts";

const link =
  (target: string): Content =>
  (path) =>
    symlinkSync(target, path);

const folder: Content = (path) => mkdirSync(path);
const loop: Content = (path) => symlinkSync(basename(path), path);

const pipe: Content = (path) => {
  const { exitCode } = Bun.spawnSync(["mkfifo", path]);
  if (exitCode !== 0) throw new Error(`mkfifo ${path} failed`);
};

const tooLarge =
  (text: string): Content =>
  (path) => {
    writeFileSync(path, text, { mode: 0o600 });
    truncateSync(path, 1024 * 1024 + 1);
  };

const unreadable =
  (text: string): Content =>
  (path) => {
    writeFileSync(path, text);
    chmodSync(path, 0);
  };

/** Pairs of which a file is not there, is none, or may not be read. */
export const wrongFiles: readonly WrongPair[] = [
  wrong(
    "certificate-missing",
    { certificate: null },
    "CERTIFICATE_NOT_FOUND",
    "The certificate file server.crt does not exist",
    "Check the path",
  ),
  wrong(
    "key-missing",
    { key: null },
    "KEY_NOT_FOUND",
    "The private key file server.key does not exist",
    "Check the path",
  ),
  wrong(
    "certificate-empty",
    { certificate: "" },
    "CERTIFICATE_MALFORMED",
    "The certificate file server.crt is empty",
    "Name a PEM file with the server's certificate",
  ),
  wrong(
    "key-empty",
    { key: "" },
    "KEY_MALFORMED",
    "The private key file server.key is empty",
    "Name a PEM file with the private key",
  ),
  wrong(
    "certificate-blank",
    { certificate: " \r\n\t\n" },
    "CERTIFICATE_MALFORMED",
    "The certificate file server.crt is empty but for blanks",
    "Name a PEM file with the server's certificate",
  ),
  wrong(
    "key-blank",
    { key: "\n" },
    "KEY_MALFORMED",
    "The private key file server.key is empty but for blanks",
    "Name a PEM file with the private key",
  ),
  wrong(
    "certificate-folder",
    { certificate: folder },
    "FILE_UNUSABLE",
    "The certificate file server.crt is a folder",
    "Name a PEM file with the server's certificate",
  ),
  wrong(
    "key-folder",
    { key: folder },
    "FILE_UNUSABLE",
    "The private key file server.key is a folder",
    "Name a PEM file with the private key",
  ),
  wrong(
    "certificate-pipe",
    { certificate: pipe },
    "FILE_UNUSABLE",
    "The certificate file server.crt is no regular file but a pipe",
    "Name a PEM file with the server's certificate",
  ),
  wrong(
    "key-pipe",
    { key: pipe },
    "FILE_UNUSABLE",
    "The private key file server.key is no regular file but a pipe",
    "Name a PEM file with the private key",
  ),
  wrong(
    "certificate-device",
    { certificate: link("/dev/zero") },
    "FILE_UNUSABLE",
    "The certificate file server.crt is no regular file",
    "Name a PEM file with the server's certificate",
  ),
  wrong(
    "key-device",
    { key: link("/dev/zero") },
    "FILE_UNUSABLE",
    "The private key file server.key is no regular file",
    "Name a PEM file with the private key",
  ),
  wrong(
    "certificate-link-loop",
    { certificate: loop },
    "FILE_UNUSABLE",
    "The certificate file server.crt is a symbolic link that leads back to itself",
    "Let the link lead to the file itself",
  ),
  wrong(
    "key-link-loop",
    { key: loop },
    "FILE_UNUSABLE",
    "The private key file server.key is a symbolic link that leads back to itself",
    "Let the link lead to the file itself",
  ),
  wrong(
    "certificate-link-dangling",
    { certificate: link("gone.crt") },
    "CERTIFICATE_NOT_FOUND",
    "The certificate file server.crt is a symbolic link to gone.crt, which does not exist",
    "Check the path",
  ),
  wrong(
    "key-link-dangling",
    { key: link("gone.key") },
    "KEY_NOT_FOUND",
    "The private key file server.key is a symbolic link to gone.key, which does not exist",
    "Check the path",
  ),
  wrong(
    "certificate-too-large",
    { certificate: tooLarge(chainText) },
    "CERTIFICATE_MALFORMED",
    "The certificate file server.crt is too large: it has 1048577 bytes, and may have 1048576",
    "Name a PEM file with the server's certificate",
  ),
  wrong(
    "key-too-large",
    { key: tooLarge(leaf.keyText) },
    "KEY_MALFORMED",
    "The private key file server.key is too large: it has 1048577 bytes, and may have 1048576",
    "Name a PEM file with the private key",
  ),
  wrong(
    "certificate-unreadable",
    { certificate: unreadable(chainText), notByRoot: true },
    "FILE_UNUSABLE",
    "The certificate file server.crt can't be read: permission denied",
    "Make server.crt readable for this user.",
  ),
  wrong(
    "key-unreadable",
    { key: unreadable(leaf.keyText), notByRoot: true },
    "FILE_UNUSABLE",
    "The private key file server.key can't be read: permission denied",
    "Make server.key readable for this user.",
  ),
  wrong(
    "key-readable-by-group",
    { mode: 0o640 },
    "KEY_EXPOSED",
    "server.key holds a private key and has mode 640: other users can read it",
    "chmod 600 server.key",
  ),
  wrong(
    "key-readable-by-all",
    { mode: 0o644 },
    "KEY_EXPOSED",
    "server.key holds a private key and has mode 644: other users can read it",
    "chmod 600 server.key",
  ),
  wrong(
    "key-in-certificate-file-readable-by-all",
    { certificate: chainText + leaf.keyText },
    "KEY_EXPOSED",
    "server.crt holds a private key and has mode 644: other users can read it",
    "chmod 600 server.crt",
    { row: "key-readable-by-all", because: "it is the same mistake with the other file" },
  ),
  wrong(
    "key-writable-by-all",
    { mode: 0o622 },
    "KEY_EXPOSED",
    "server.key holds a private key and has mode 622: other users can write it",
    "chmod 600 server.key",
  ),
];
