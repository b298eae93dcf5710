/** The names of object identifiers: a table of them the other way round. */
export function namesById(ids: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(ids).map(([name, id]) => [id, name]));
}

/** Extensions of certificates, by their names in RFC 5280 (section 4.2), RFC 6962, RFC 7633, and of their vendors. */
export const extensionIds = {
  subjectDirectoryAttributes: "2.5.29.9",
  subjectKeyIdentifier: "2.5.29.14",
  keyUsage: "2.5.29.15",
  privateKeyUsagePeriod: "2.5.29.16",
  subjectAltName: "2.5.29.17",
  issuerAltName: "2.5.29.18",
  basicConstraints: "2.5.29.19",
  nameConstraints: "2.5.29.30",
  cRLDistributionPoints: "2.5.29.31",
  certificatePolicies: "2.5.29.32",
  policyMappings: "2.5.29.33",
  authorityKeyIdentifier: "2.5.29.35",
  policyConstraints: "2.5.29.36",
  extKeyUsage: "2.5.29.37",
  freshestCRL: "2.5.29.46",
  inhibitAnyPolicy: "2.5.29.54",
  authorityInfoAccess: "1.3.6.1.5.5.7.1.1",
  subjectInfoAccess: "1.3.6.1.5.5.7.1.11",
  tlsFeature: "1.3.6.1.5.5.7.1.24",
  ocspNoCheck: "1.3.6.1.5.5.7.48.1.5",
  microsoftCaVersion: "1.3.6.1.4.1.311.21.1",
  signedCertificateTimestamps: "1.3.6.1.4.1.11129.2.4.2",
  precertificatePoison: "1.3.6.1.4.1.11129.2.4.3",
  netscapeCertType: "2.16.840.1.113730.1.1",
  netscapeComment: "2.16.840.1.113730.1.13",
} as const;

/** Extensions of revocation lists and of their entries (RFC 5280, sections 5.2 and 5.3). */
export const crlExtensionIds = {
  cRLNumber: "2.5.29.20",
  reasonCode: "2.5.29.21",
  deltaCRLIndicator: "2.5.29.27",
  issuingDistributionPoint: "2.5.29.28",
  certificateIssuer: "2.5.29.29",
} as const;

/** What a certificate may be used for (RFC 5280, section 4.2.1.12; RFC 4945; Microsoft). */
export const keyPurposeIds = {
  anyExtendedKeyUsage: "2.5.29.37.0",
  serverAuth: "1.3.6.1.5.5.7.3.1",
  clientAuth: "1.3.6.1.5.5.7.3.2",
  codeSigning: "1.3.6.1.5.5.7.3.3",
  emailProtection: "1.3.6.1.5.5.7.3.4",
  timeStamping: "1.3.6.1.5.5.7.3.8",
  OCSPSigning: "1.3.6.1.5.5.7.3.9",
  ipsecIKE: "1.3.6.1.5.5.7.3.17",
  smartcardLogon: "1.3.6.1.4.1.311.20.2.2",
} as const;

/** Attributes of distinguished names, by their short names (RFC 4514, section 3; OpenSSL for the rest). */
export const attributeIds = {
  CN: "2.5.4.3",
  SN: "2.5.4.4",
  serialNumber: "2.5.4.5",
  C: "2.5.4.6",
  L: "2.5.4.7",
  ST: "2.5.4.8",
  STREET: "2.5.4.9",
  O: "2.5.4.10",
  OU: "2.5.4.11",
  title: "2.5.4.12",
  businessCategory: "2.5.4.15",
  postalCode: "2.5.4.17",
  GN: "2.5.4.42",
  organizationIdentifier: "2.5.4.97",
  UID: "0.9.2342.19200300.100.1.1",
  DC: "0.9.2342.19200300.100.1.25",
  emailAddress: "1.2.840.113549.1.9.1",
} as const;

/** Algorithms that are a key's and its signatures' alike (RFC 8410, FIPS 204). */
const commonIds = {
  Ed25519: "1.3.101.112",
  Ed448: "1.3.101.113",
  "ML-DSA-44": "2.16.840.1.101.3.4.3.17",
  "ML-DSA-65": "2.16.840.1.101.3.4.3.18",
  "ML-DSA-87": "2.16.840.1.101.3.4.3.19",
} as const;

/** Kinds of keys (RFC 3279, RFC 4055). */
export const keyIds = {
  RSA: "1.2.840.113549.1.1.1",
  "RSA-PSS": "1.2.840.113549.1.1.10",
  ECDSA: "1.2.840.10045.2.1",
  DSA: "1.2.840.10040.4.1",
  ...commonIds,
} as const;

/** Curves of ECDSA keys (RFC 5480, RFC 5639, SEC 2). */
export const curveIds = {
  "P-192": "1.2.840.10045.3.1.1",
  "P-224": "1.3.132.0.33",
  "P-256": "1.2.840.10045.3.1.7",
  "P-384": "1.3.132.0.34",
  "P-521": "1.3.132.0.35",
  secp256k1: "1.3.132.0.10",
  brainpoolP256r1: "1.3.36.3.3.2.8.1.1.7",
  brainpoolP384r1: "1.3.36.3.3.2.8.1.1.11",
  brainpoolP512r1: "1.3.36.3.3.2.8.1.1.13",
} as const;

/** Ways to sign; RSA is PKCS#1 v1.5 (RFC 3279, RFC 4055, RFC 5758). */
export const signatureIds = {
  "RSA with MD2": "1.2.840.113549.1.1.2",
  "RSA with MD5": "1.2.840.113549.1.1.4",
  "RSA with SHA-1": "1.2.840.113549.1.1.5",
  "RSA with SHA-224": "1.2.840.113549.1.1.14",
  "RSA with SHA-256": "1.2.840.113549.1.1.11",
  "RSA with SHA-384": "1.2.840.113549.1.1.12",
  "RSA with SHA-512": "1.2.840.113549.1.1.13",
  "ECDSA with SHA-1": "1.2.840.10045.4.1",
  "ECDSA with SHA-224": "1.2.840.10045.4.3.1",
  "ECDSA with SHA-256": "1.2.840.10045.4.3.2",
  "ECDSA with SHA-384": "1.2.840.10045.4.3.3",
  "ECDSA with SHA-512": "1.2.840.10045.4.3.4",
  "DSA with SHA-1": "1.2.840.10040.4.3",
  "DSA with SHA-256": "2.16.840.1.101.3.4.3.2",
  ...commonIds,
} as const;

/** Hashes (RFC 4055, section 2.1). */
export const hashIds = {
  "SHA-1": "1.3.14.3.2.26",
  "SHA-256": "2.16.840.1.101.3.4.2.1",
  "SHA-384": "2.16.840.1.101.3.4.2.2",
  "SHA-512": "2.16.840.1.101.3.4.2.3",
} as const;
