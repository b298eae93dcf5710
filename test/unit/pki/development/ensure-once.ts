// Makes sure of a development certificate in the folder that is named, as a server does that starts there.
import { ensureDevelopmentCertificate } from "../../../../src/pki/development/development-certificate.ts";

const [directory = "", host = "localhost"] = process.argv.slice(2);
const { outcome, identity } = await ensureDevelopmentCertificate({ directory, hosts: [host], now: new Date() });
process.stdout.write(JSON.stringify({ outcome, serialNumber: identity.leaf.serialNumber }));
