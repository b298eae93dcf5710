import type { MalformedFile } from "./malformed-file.ts";

/** Files with aliases, merges, tags and directives. */
export const aliasesAndTags: readonly MalformedFile[] = [
  {
    name: "an alias of nothing",
    text: "server: *nowhere\n",
    problems: [
      "FILE:1:9: an alias stands for nothing that was named with & before: put a text that begins with * in quotes",
    ],
  },
  {
    name: "an alias before its anchor",
    text: "server: { host: *a }\njwt: { issuer: &a x }\n",
    problems: [
      "FILE:1:17: an alias stands for nothing that was named with & before: put a text that begins with * in quotes",
    ],
  },
  {
    name: "an alias of the map around it",
    text: "server: &s { limits: *s }\n",
    problems: ["FILE:1:22: an alias stands for what it is a part of itself: write the values out"],
  },
  {
    name: "an alias of the list around it",
    text: "tls: { hosts: &h [*h] }\n",
    problems: ["FILE:1:19: an alias stands for what it is a part of itself: write the values out"],
  },
  {
    name: "an anchor without a name",
    text: "server: { host: & }\n",
    problems: ["FILE:1:17: Anchor cannot be an empty string"],
  },
  {
    name: "an anchor on nothing",
    text: "jwt: { issuer: &name }\n",
    problems: ["FILE:1:22: & names nothing here: put a text that begins with it in quotes"],
  },
  {
    name: "two anchors on one value",
    text: "server: &a &b {}\n",
    problems: ["FILE:1:12: A node can have at most one anchor"],
  },
  {
    name: "an alias with a tag",
    text: "a: &a 1\nserver: !!str *a\n",
    problems: ["FILE:2:15: An alias node must not specify any properties"],
  },
  {
    name: "aliases that would explode",
    text: [
      "a: &l0 [x, x]",
      ...Array.from({ length: 8 }, (_, i) => `k${i}: &l${i + 1} [${Array(9).fill(`*l${i}`)}]`),
    ].join("\n"),
    problems: ["FILE:2:10: aliases stand for too much here: write the values out instead"],
  },
  {
    name: "a billion laughs in maps",
    text: [
      "a0: &a0 { x: x }",
      ...Array.from(
        { length: 9 },
        (_, i) => `a${i + 1}: &a${i + 1} { ${[..."abcdefghi"].map((key) => `${key}: *a${i}`)} }`,
      ),
    ].join("\n"),
    problems: ["FILE:2:14: aliases stand for too much here: write the values out instead"],
  },
  {
    name: "a merge of a text",
    text: "server: { <<: text }\n",
    problems: ["FILE:1:11: << takes over what a map holds, and no map stands there"],
  },
  {
    name: "a merge of a list of texts",
    text: "server: { <<: [a, b] }\n",
    problems: ["FILE:1:11: << takes over what a map holds, and no map stands there"],
  },
  {
    name: "a merge of itself",
    text: "server: &s { <<: *s }\n",
    problems: ["FILE:1:18: an alias stands for what it is a part of itself: write the values out"],
  },
  {
    name: "a merge that brings an unknown key",
    text: "server: &s { port: 1, prot: 2 }\ntls: { <<: *s }\n",
    problems: [
      "FILE:1:23: unknown key server.prot; did you mean port?",
      "FILE:2:1: unknown key tls.port; known here: …",
      "FILE:2:1: unknown key tls.prot; known here: …",
    ],
  },
  {
    name: "a tag of Python",
    text: "server: !!python/object:os.system { port: 1 }\n",
    problems: [
      "FILE:1:9: a word that begins with ! is a tag, and this one has no meaning here: remove it, or put a text that begins so in quotes",
    ],
  },
  {
    name: "a tag of Python on a text",
    text: "jwt: { issuer: !!python/name:os.system x }\n",
    problems: [
      "FILE:1:16: a word that begins with ! is a tag, and this one has no meaning here: remove it, or put a text that begins so in quotes",
    ],
  },
  {
    name: "binary",
    text: "jwt: { issuer: !!binary aGFsbG8= }\n",
    problems: [
      "FILE:1:16: a word that begins with ! is a tag, and this one has no meaning here: remove it, or put a text that begins so in quotes",
    ],
  },
  {
    name: "a set",
    text: "tls: { hosts: !!set { a, b } }\n",
    problems: [
      "FILE:1:15: a word that begins with ! is a tag, and this one has no meaning here: remove it, or put a text that begins so in quotes",
    ],
  },
  {
    name: "an ordered map",
    text: "server: !!omap [port: 1]\n",
    problems: [
      "FILE:1:9: a word that begins with ! is a tag, and this one has no meaning here: remove it, or put a text that begins so in quotes",
    ],
  },
  {
    name: "a timestamp",
    text: "jwt: { issuer: !!timestamp 2026-01-01 }\n",
    problems: [
      "FILE:1:16: a word that begins with ! is a tag, and this one has no meaning here: remove it, or put a text that begins so in quotes",
    ],
  },
  {
    name: "a tag of one's own",
    text: "server: { host: !env HOST }\n",
    problems: [
      "FILE:1:17: a word that begins with ! is a tag, and this one has no meaning here: remove it, or put a text that begins so in quotes",
    ],
  },
  {
    name: "a tag of CloudFormation on a section",
    text: "server: !Ref Server\n",
    problems: [
      "FILE:1:9: a word that begins with ! is a tag, and this one has no meaning here: remove it, or put a text that begins so in quotes",
    ],
  },
  {
    name: "a tag of a whole address",
    text: "server: { host: !<tag:example.com,2026:x> a }\n",
    problems: [
      "FILE:1:17: a word that begins with ! is a tag, and this one has no meaning here: remove it, or put a text that begins so in quotes",
    ],
  },
  {
    name: "a tag without a handle",
    text: "server: { host: !x!y a }\n",
    problems: [
      "FILE:1:17: a word that begins with ! is a tag, and this one has no meaning here: remove it, or put a text that begins so in quotes",
    ],
  },
  {
    name: "a number tagged as a truth",
    text: "server: { use_tls: !!bool 1 }\n",
    problems: [
      "FILE:1:20: a word that begins with ! is a tag, and this one has no meaning here: remove it, or put a text that begins so in quotes",
    ],
  },
  {
    name: "a list tagged as a map",
    text: "server: !!map [a]\n",
    problems: [
      "FILE:1:9: a word that begins with ! is a tag, and this one has no meaning here: remove it, or put a text that begins so in quotes",
    ],
  },
  {
    name: "a text tagged as a number",
    text: "server: { port: !!int abc }\n",
    problems: [
      "FILE:1:17: a word that begins with ! is a tag, and this one has no meaning here: remove it, or put a text that begins so in quotes",
    ],
  },
  {
    name: "YAML 1.1 by directive",
    text: "%YAML 1.1\n---\nserver: { use_tls: yes }\n",
    problems: ["FILE:1:1: YAML 1.1 reads words and numbers in other ways: remove the line %YAML"],
  },
  {
    name: "YAML 2.0 by directive",
    text: "%YAML 2.0\n---\nserver: {}\n",
    problems: ["FILE:1:7: a line that begins with % is a directive, and this one has no meaning here: remove it"],
  },
  {
    name: "a directive that there is none of",
    text: "%SECRET abc\n---\nserver: {}\n",
    problems: ["FILE:1:1: a line that begins with % is a directive, and this one has no meaning here: remove it"],
  },
  {
    name: "a directive without a document",
    text: "%YAML 1.2\nserver: {}\n",
    problems: ["FILE:2:1: Missing directives-end/doc-start indicator line"],
  },
];
