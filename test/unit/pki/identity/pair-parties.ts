import { profiles } from "../../../../src/pki/issuing/profile.ts";
import { makeParty, makeRsaKey, type Party, type PartyOptions } from "../authorities.ts";

/** The time of the table of pairs, in whole seconds: a minute hence, as openssl dates certificates from when it is run. */
export const at = new Date(Math.ceil(Date.now() / 1000) * 1000 + 60_000);

const dayMs = 86_400_000;

/** A moment some days from the table's time. */
export function daysFromThen(days: number): Date {
  return new Date(at.getTime() + days * dayMs);
}

/** Issues a certificate at the table's time. */
export async function issue(options: PartyOptions): Promise<Party> {
  return await makeParty({ at, ...options });
}

const rootProfile = { ...profiles.developmentRoot, authority: { pathLength: 2 } };
const middleProfile = { ...profiles.developmentRoot, authority: { pathLength: 1 } };

export const hosts = ["server.example.org", "*.wild.example.org", "10.0.0.1"];
const server = { commonName: "server", hosts };
const authority = { profile: middleProfile };

export const root = await issue({ commonName: "Root", profile: rootProfile });
export const intermediate = await issue({ commonName: "Intermediate", ...authority, issuer: root });
export const leaf = await issue({ ...server, issuer: intermediate });
export const otherLeaf = await issue({ ...server, issuer: intermediate });
export const strangeRoot = await issue({ commonName: "Strange Root", profile: rootProfile });
export const rsaKey = makeRsaKey();
export const rsaLeaf = await issue({ ...server, issuer: intermediate, key: rsaKey });

/** A root and an intermediate with the names of the others, and keys of their own. */
export const namesakeRoot = await issue({ commonName: "Root", profile: rootProfile });
export const namesake = await issue({ commonName: "Intermediate", ...authority, issuer: namesakeRoot });

/** What a good file of the leaf holds. */
export const chainText = leaf.text + intermediate.text;

/** What clients trust. */
export const trust = { certificates: [root.certificate], source: "clients.crt" };

/** An encoding with one bit changed. */
export function withChangedBit(der: Uint8Array, position: number): Buffer {
  const bytes = Buffer.from(der);
  bytes.writeUInt8(bytes.readUInt8(position) ^ 1, position);
  return bytes;
}

/** A chain with another leaf below the intermediate, or below another one. */
export async function chainOf(
  options: PartyOptions,
  issuer: Party = intermediate,
): Promise<{ certificate: string; key: string }> {
  const party = await issue({ ...server, issuer, ...options });
  return { certificate: party.text + issuer.text, key: party.keyText };
}

/** A chain below another intermediate. */
export async function chainBelow(options: PartyOptions): Promise<{ certificate: string; key: string }> {
  return await chainOf({}, await issue({ commonName: "Special", ...authority, issuer: root, ...options }));
}
