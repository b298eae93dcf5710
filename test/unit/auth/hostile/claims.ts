import { type HostileContext, type HostileToken, seal, secondsOf } from "./forge.ts";

type Claims = (context: HostileContext) => object;
type Row = readonly [name: string, claims: object | Claims, reason: RegExp];

const times: readonly Row[] = [
  [
    "that expired a second beyond the leeway",
    (c) => ({ exp: secondsOf(c) - c.leewaySeconds - 1 }),
    /has expired at \d{4}-/,
  ],
  ["that expired just at the leeway's end", (c) => ({ exp: secondsOf(c) - c.leewaySeconds }), /has expired at/],
  ["that expired in 1970", { exp: 0 }, /has expired at 1970-/],
  ["without an expiry", { exp: undefined }, /never expires/],
  ["whose expiry is null", { exp: null }, /"exp" is null, not a number/],
  ["whose expiry is a text", (c) => ({ exp: String(secondsOf(c) + 600) }), /"exp" is "\d+", not a number/],
  ["whose expiry is a date", { exp: "2999-01-01T00:00:00Z" }, /"exp" is "2999-01-01T00:00:00Z", not a number/],
  ["whose expiry is true", { exp: true }, /"exp" is true, not a number/],
  ["whose expiry is a list", (c) => ({ exp: [secondsOf(c) + 600] }), /"exp" is a list, not a number/],
  ["whose expiry is an object", { exp: { $gt: 0 } }, /"exp" is an object, not a number/],
  ["whose expiry is negative", { exp: -1 }, /"exp" is -1, which is no time/],
  ["that expires after the year 9999", { exp: 253402300800 }, /"exp" is 253402300800, which is no time/],
  ["whose expiry is in milliseconds", (c) => ({ exp: secondsOf(c) * 1000 }), /"exp" is \d+, which is no time/],
  ["whose expiry is 1e308", { exp: 1e308 }, /"exp" is 1e\+308, which is no time/],
  [
    "that is not valid yet",
    (c) => ({ nbf: secondsOf(c) + c.leewaySeconds + 1 }),
    /is not valid before .*\(claim "nbf"\)/,
  ],
  ["whose nbf is a text", { nbf: "0" }, /"nbf" is "0", not a number/],
  ["whose nbf is null", { nbf: null }, /"nbf" is null, not a number/],
  ["whose nbf is negative", { nbf: -62135596801 }, /"nbf" is -62135596801, which is no time/],
  ["of the future", (c) => ({ iat: secondsOf(c) + c.leewaySeconds + 1 }), /was issued in the future/],
  ["whose iat is a text", { iat: "yesterday" }, /"iat" is "yesterday", not a number/],
  ["whose iat is an object", { iat: {} }, /"iat" is an object, not a number/],
];

const parties: readonly Row[] = [
  ["without an issuer", { iss: undefined }, /names no issuer/],
  [
    "of another issuer",
    { iss: "https://attacker.example" },
    /"iss" is "https:\/\/attacker.example", which is another issuer/,
  ],
  ["of an empty issuer", { iss: "" }, /"iss" is "", which is another issuer/],
  ["of the issuer in capitals", (c) => ({ iss: c.issuer.toUpperCase() }), /"iss" is ".*", which is another issuer/],
  ["of the issuer with a slash", (c) => ({ iss: `${c.issuer}/` }), /"iss" is ".*\/", which is another issuer/],
  ["of the issuer with a blank", (c) => ({ iss: `${c.issuer} ` }), /"iss" is ".* ", which is another issuer/],
  ["of the issuer with a NUL", (c) => ({ iss: `${c.issuer}\0` }), /"iss" is ".*\\u\{0\}", which is another issuer/],
  [
    "of a part of the issuer (CVE-2024-53861)",
    (c) => ({ iss: c.issuer.slice(0, -1) }),
    /"iss" is ".*", which is another issuer/,
  ],
  [
    "of an issuer that begins like it",
    (c) => ({ iss: `${c.issuer}.attacker.example` }),
    /"iss" is ".*", which is another issuer/,
  ],
  [
    "of an issuer that looks like it",
    (c) => ({ iss: c.issuer.replace("e", "е") }),
    /"iss" is ".*", which is another issuer/,
  ],
  ["of a list of issuers", (c) => ({ iss: [c.issuer] }), /"iss" is a list, not a text/],
  ["of an issuer in an object", (c) => ({ iss: { value: c.issuer } }), /"iss" is an object, not a text/],
  ["whose issuer is null", { iss: null }, /"iss" is null, not a text/],
  ["whose issuer is true", { iss: true }, /"iss" is true, not a text/],
  ["without an audience", { aud: undefined }, /is for nobody/],
  ["for another audience", { aud: "another-server" }, /"aud" is "another-server", which does not name this server/],
  ["for an empty list", { aud: [] }, /"aud" is a list, which does not name/],
  ["for others", { aud: ["a", "b"] }, /"aud" is a list, which does not name/],
  [
    "for a part of the audience (CVE-2022-24827)",
    (c) => ({ aud: c.audience.slice(0, 3) }),
    /"aud" is ".*", which does not name/,
  ],
  ["for the audience in capitals", (c) => ({ aud: c.audience.toUpperCase() }), /"aud" is ".*", which does not name/],
  ["for the audience among numbers", (c) => ({ aud: [c.audience, 1] }), /"aud" is neither a text nor a list of texts/],
  ["for the audience in a list in a list", (c) => ({ aud: [[c.audience]] }), /"aud" is neither a text nor a list/],
  ["for an object", (c) => ({ aud: { [c.audience]: true } }), /"aud" is neither a text nor a list/],
  ["whose audience is null", { aud: null }, /"aud" is neither a text nor a list/],
];

const subjects: readonly Row[] = [
  ["without a subject", { sub: undefined }, /names no subject/],
  ["whose subject is empty", { sub: "" }, /"sub" is empty, so it is no subject/],
  ["whose subject is a number", { sub: 0 }, /"sub" is 0, not a text/],
  ["whose subject is null", { sub: null }, /"sub" is null, not a text/],
  ["whose subject is a list", { sub: ["alice"] }, /"sub" is a list, not a text/],
  ["whose subject is an object", { sub: { toString: "root" } }, /"sub" is an object, not a text/],
  ["whose subject comes from the prototype", { sub: undefined, ["__proto__"]: { sub: "root" } }, /names no subject/],
  ["whose subject has 257 characters", { sub: "x".repeat(257) }, /"sub" has 257 characters; 256 are allowed/],
  ["whose subject begins with a blank", { sub: " alice" }, /"sub" begins or ends with a blank/],
  ["whose subject ends with a blank", { sub: "alice " }, /"sub" begins or ends with a blank/],
  ["whose subject has a line end", { sub: "alice\nlevel=error" }, /"sub" has characters that can't be seen/],
  ["whose subject has a NUL", { sub: "alice\0" }, /"sub" has characters that can't be seen/],
  ["whose subject moves the cursor", { sub: "\u001b[2Jalice" }, /"sub" has characters that can't be seen/],
  ["whose subject turns its direction", { sub: "ecila\u202e" }, /"sub" has characters that can't be seen/],
  ["whose subject has a joiner of no width", { sub: "al\u200dice" }, /"sub" has characters that can't be seen/],
  ["whose subject has a space of no width", { sub: "al\u200bice" }, /"sub" has characters that can't be seen/],
  ["whose subject has a byte order mark", { sub: "\ufeffalice" }, /"sub" has characters that can't be seen/],
  ["whose subject is a letter that is blank", { sub: "\u3164" }, /"sub" has characters that can't be seen/],
  ["whose subject has tags", { sub: "alice\u{e0041}" }, /"sub" has characters that can't be seen/],
  ["whose subject has a no-break space", { sub: "al\u00a0ice" }, /"sub" has characters that can't be seen/],
  ["whose subject is half a pair", { sub: "alice\ud800" }, /"sub" has characters that can't be seen/],
  ["whose subject is for private use", { sub: "\ue000" }, /"sub" has characters that can't be seen/],
  ["whose subject is decomposed", { sub: "ame\u0301lie" }, /"sub" is not in Unicode's composed form/],
  ["whose subject has another sign for a letter", { sub: "\u212bngström" }, /"sub" is not in Unicode's composed form/],
  ["whose id is a number", { jti: 1 }, /"jti" is 1, not a text/],
  ["whose id is a list", { jti: [] }, /"jti" is a list, not a text/],
  ["whose id is long", { jti: "j".repeat(257) }, /"jti" has 257 characters; 256 are allowed/],
];

const limits = (value: unknown) => ({ vibectl_limits: value });
const models = (value: unknown) => ({ vibectl_models: value });

const grants: readonly Row[] = [
  ["whose scope is a number", { scope: 7 }, /"scope" is 7; scopes are a text or a list/],
  ["whose scope is null", { scope: null }, /"scope" is null; scopes are/],
  ["whose scope is true", { scope: true }, /"scope" is true; scopes are/],
  ["whose scope is an object", { scope: { admin: true } }, /"scope" is an object; scopes are/],
  ["with a number among its scopes", { scope: ["admin", 1] }, /"scope" has 1 among its scopes/],
  ["with a list among its scopes", { scope: [["admin"]] }, /"scope" has a list among its scopes/],
  ["whose models are a number", models(1), /"vibectl_models" is neither a model's name nor a list/],
  ["whose models are null", models(null), /"vibectl_models" is neither a model's name nor a list/],
  ["whose models are an object", models({ "*": true }), /"vibectl_models" is neither a model's name nor a list/],
  ["with a number among its models", models(["*", 1]), /"vibectl_models" is neither a model's name nor a list/],
  ["with an empty model", models([""]), /"vibectl_models" has an empty name of a model/],
  ["with a long model", models(["m".repeat(201)]), /"vibectl_models" has a name of a model with over 200/],
  ["with 101 models", models(Array.from({ length: 101 }, () => "*")), /"vibectl_models" names 101 models/],
  ["whose limits are a number", limits(10), /"vibectl_limits" is 10, not an object with limits/],
  ["whose limits are null", limits(null), /"vibectl_limits" is null, not an object/],
  ["whose limits are a list", limits([10]), /"vibectl_limits" is a list, not an object/],
  ["with an unknown limit", limits({ max_requests_per_hour: 1 }), /limit "max_requests_per_hour", which is not known/],
  ["with a limit of every object's", limits({ constructor: 1 }), /limit "constructor", which is not known/],
  ["with a limit of zero", limits({ max_input_length: 0 }), /limit "max_input_length" is 0, not a positive/],
  ["with a negative limit", limits({ max_concurrent_requests: -1 }), /limit "max_concurrent_requests" is -1/],
  ["with a broken limit", limits({ max_requests_per_minute: 1.5 }), /limit "max_requests_per_minute" is 1.5/],
  ["with a limit in a text", limits({ request_timeout_seconds: "60" }), /limit "request_timeout_seconds" is "60"/],
  [
    "with a limit beyond all numbers",
    limits({ max_input_length: 2 ** 53 }),
    /limit "max_input_length" is 9007199254740992/,
  ],
  ["whose limit is null", limits({ max_input_length: null }), /limit "max_input_length" is null/],
];

/** Tokens with a good signature whose claims are wrong. */
export const hostileClaims: readonly HostileToken[] = [...times, ...parties, ...subjects, ...grants].map(
  ([name, claims, reason]) => ({
    name: `a token ${name}`,
    token: (context) => seal(context, typeof claims === "function" ? claims(context) : claims),
    reason,
  }),
);
