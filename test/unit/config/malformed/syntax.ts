import type { MalformedFile } from "./malformed-file.ts";

/** Files that are not YAML. */
export const slipsOfSyntax: readonly MalformedFile[] = [
  {
    name: "a tab for indentation",
    text: "server:\n\tport: 1\n",
    problems: ["FILE:2:1: Tabs are not allowed as indentation: use spaces"],
  },
  {
    name: "a tab after spaces of indentation",
    text: "server:\n  limits:\n  \tglobal: {}\n",
    problems: ["FILE:3:3: Tabs are not allowed as indentation: use spaces"],
  },
  {
    name: "a tab before a list's item",
    text: "tls:\n  hosts:\n\t- a\n",
    problems: [
      "FILE:2:9: A block sequence may not be used as an implicit map key",
      "FILE:3:1: Tabs are not allowed as indentation: use spaces",
    ],
  },
  {
    name: "a list that no bracket closes",
    text: "tls: { hosts: [a, b }\n",
    problems: ["FILE:1:21: Flow sequence in block collection must be sufficiently indented and end with a ]"],
  },
  {
    name: "a map that no brace closes",
    text: "server: { port: 1\n",
    problems: ["FILE:2:1: Flow map in block collection must be sufficiently indented and end with a }"],
  },
  {
    name: "a brace too many",
    text: "server: { port: 1 }}\n",
    problems: ['FILE:1:20: Unexpected flow-map-end token in YAML stream: "}"'],
  },
  {
    name: "a bracket too many",
    text: "tls: { hosts: [a]] }\n",
    problems: ["FILE:1:18: Flow map in block collection must be sufficiently indented and end with a }"],
  },
  {
    name: "a double quote that is not closed",
    text: 'server: { host: "a }\n',
    problems: ['FILE:2:1: Missing closing "quote'],
  },
  {
    name: "a single quote that is not closed",
    text: "server:\n  host: 'a\n  port: 1\n",
    problems: ["FILE:4:1: Missing closing 'quote"],
  },
  {
    name: "text after a closing quote",
    text: 'server:\n  host: "a" b\n',
    problems: ["FILE:2:13: Unexpected scalar at node end"],
  },
  {
    name: "an escape that there is none of",
    text: 'server: { host: "\\q" }\n',
    problems: [
      "FILE:1:18: in double quotes a backslash begins an escape, and there is none such: write two, or use single quotes",
    ],
  },
  {
    name: "an escape that is too short",
    text: 'server: { host: "\\u12" }\n',
    problems: [
      "FILE:1:18: in double quotes a backslash begins an escape, and there is none such: write two, or use single quotes",
    ],
  },
  {
    name: "an escape beyond Unicode",
    text: 'server: { host: "\\U00110000" }\n',
    problems: [
      "FILE:1:18: in double quotes a backslash begins an escape, and there is none such: write two, or use single quotes",
    ],
  },
  {
    name: "a backslash path in double quotes",
    text: 'server: { cert_file: "C:\\keys\\a.pem", key_file: k }\n',
    problems: [
      "FILE:1:25: in double quotes a backslash begins an escape, and there is none such: write two, or use single quotes",
    ],
  },
  {
    name: "a reserved character at a value's beginning",
    text: "server: { host: @a }\n",
    problems: ["FILE:1:17: Plain value cannot start with reserved character @"],
  },
  {
    name: "a backtick at a value's beginning",
    text: "server: { host: `a` }\n",
    problems: ["FILE:1:17: Plain value cannot start with reserved character `"],
  },
  {
    name: "a percent sign at a value's beginning",
    text: "server:\n  host: %a\n",
    problems: ["FILE:2:9: Plain value cannot start with directive indicator character %"],
  },
  {
    name: "a value less indented than its key",
    text: "server:\n  limits:\n global: {}\n",
    problems: ["FILE:2:10: All mapping items must start at the same column"],
  },
  {
    name: "keys of one map at different columns",
    text: "server:\n  port: 1\n   host: a\n",
    problems: ["FILE:2:9: Nested mappings are not allowed in compact mappings"],
  },
  {
    name: "a map that begins on its key's line",
    text: "server: port: 1\n",
    problems: ["FILE:1:9: Nested mappings are not allowed in compact mappings"],
  },
  {
    name: "a second colon in a value",
    text: "server:\n  host: a: b\n",
    problems: ["FILE:2:9: Nested mappings are not allowed in compact mappings"],
  },
  {
    name: "a key without its colon",
    text: "server:\n  port 1\n  host: a\n",
    problems: ["FILE:2:3: a colon is missing here, or the indentation is wrong"],
  },
  {
    name: "a key without the space after its colon",
    text: "server:\n  port:1\n",
    problems: [
      "FILE:1:1: server: expected a map of …, found a text of 6 characters (a space is missing after the colon)",
    ],
  },
  {
    name: "a key without the space after its colon, in braces",
    text: "server: { port:1 }\n",
    problems: ["FILE:1:11: unknown key server.port:1; a space is missing after the colon"],
  },
  {
    name: "a quoted key without the space after its colon, in braces",
    text: "server: { port:1, host: a }\n",
    problems: ["FILE:1:11: unknown key server.port:1; a space is missing after the colon"],
  },
  {
    name: "two commas in a list",
    text: "tls: { hosts: [a,, b] }\n",
    problems: ["FILE:1:18: Unexpected , in flow sequence"],
  },
  {
    name: "a comma at the beginning",
    text: "tls: { hosts: [, a] }\n",
    problems: ["FILE:1:16: Unexpected , in flow sequence"],
  },
  {
    name: "a missing comma between entries",
    text: "server: { port: 1 host: a }\n",
    problems: ["FILE:1:17: Block collections are not allowed within flow collections"],
  },
  {
    name: "a missing comma after a quoted value",
    text: 'server: { "host": "a" "port": 1 }\n',
    problems: ["FILE:1:19: Block collections are not allowed within flow collections"],
  },
  {
    name: "a list's item in a map",
    text: "server:\n  port: 1\n  - host\n",
    problems: ["FILE:3:1: A block sequence may not be used as an implicit map key"],
  },
  {
    name: "a list's item beside a section",
    text: "server: {}\n- tls\n",
    problems: ["FILE:2:1: a colon is missing here, or the indentation is wrong"],
  },
  {
    name: "an item that is indented differently",
    text: "tls:\n  hosts:\n    - a\n   - b\n",
    problems: ["FILE:4:1: A block sequence may not be used as an implicit map key"],
  },
  {
    name: "a block text that is not indented",
    text: "server:\n  host: |\n  a\n",
    problems: ["FILE:3:3: Implicit map keys need to be followed by map values"],
  },
  {
    name: "a block text's wrong indentation indicator",
    text: "server:\n  host: |9\n    a\n",
    problems: ["FILE:3:1: All mapping items must start at the same column"],
  },
  {
    name: "a block text's first line more indented",
    text: "server:\n  host: |\n      \n    a\n",
    problems: [
      "FILE:4:5: Block scalars with more-indented leading empty lines must use an explicit indentation indicator",
    ],
  },
  {
    name: "words after a block text's sign",
    text: "server:\n  host: | a\n    b\n",
    problems: ["FILE:2:11: what stands here is not YAML"],
  },
  {
    name: "a comment without a space before it",
    text: 'server:\n  host: "a"#b\n',
    problems: ["FILE:2:12: Comments must be separated from other tokens by white space characters"],
  },
  {
    name: "two documents",
    text: "server: {}\n---\nserver: {}\n",
    problems: ["FILE:2:1: another document begins here: a configuration is a single one"],
  },
  {
    name: "a document after the end sign",
    text: "server: {}\n...\njwt: {}\n",
    problems: ["FILE:3:1: another document begins here: a configuration is a single one"],
  },
  {
    name: "the same document twice, in full",
    text: "---\nserver: { port: 1 }\n---\nserver: { port: 1 }\n",
    problems: ["FILE:3:1: another document begins here: a configuration is a single one"],
  },
  {
    name: "rubbish after the end sign",
    text: "server: {}\n... ]\n",
    problems: ["FILE:2:5: Unexpected flow-seq-end at node end"],
  },
  {
    name: "a merge conflict's marks",
    text: "server:\n<<<<<<< HEAD\n  port: 1\n=======\n  port: 2\n>>>>>>> b\n",
    problems: [
      "FILE:2:1: a colon is missing here, or the indentation is wrong",
      "FILE:4:1: a colon is missing here, or the indentation is wrong",
      "FILE:6:1: a colon is missing here, or the indentation is wrong",
    ],
  },
  {
    name: "a template's braces",
    text: "server: { port: {{ .Values.port }} }\n",
    problems: ["FILE:1:18: a key has to be text"],
  },
  {
    name: "a template's control line",
    text: "{{- if .Values.tls }}\nserver: {}\n{{- end }}\n",
    problems: [
      "FILE:1:3: Block collections are not allowed within flow collections",
      "FILE:2:1: Unexpected scalar at node end",
      'FILE:3:1: Unexpected flow-map-start token in YAML stream: "{"',
    ],
  },
  {
    name: "a key of more than 1024 characters",
    text: `${"k".repeat(1100)}: 1\n`,
    problems: ["FILE:1:1: The : indicator must be at most 1024 chars after the start of an implicit block mapping key"],
  },
  { name: "INI sections", text: "[server]\nport = 1\n", problems: ["FILE:2:1: Unexpected scalar at node end"] },
  {
    name: "shell variables",
    text: "PORT=1\nHOST=a\n",
    problems: ["FILE:1:1: the file holds a single value, not a map: start it with a section, such as server:"],
  },
  {
    name: "TOML keys",
    text: "server.port = 1\n",
    problems: ["FILE:1:1: the file holds a single value, not a map: start it with a section, such as server:"],
  },
  {
    name: "JSON with a comma too many at the wrong place",
    text: '{"server": {"port": 1},, "jwt": {}}\n',
    problems: ["FILE:1:24: Unexpected , in flow map"],
  },
  {
    name: "JSON with comments of JavaScript",
    text: '{ // port\n  "server": { "port": 1 }\n}\n',
    problems: ['FILE:1:3: unknown key "// port \\"server\\""; known here: …'],
  },
  {
    name: "JSON lines",
    text: '{"server": {}}\n{"jwt": {}}\n',
    problems: ["FILE:2:1: Unexpected flow-map-start at node end"],
  },
  {
    name: "a certificate instead of a configuration",
    text: "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
    problems: ["FILE:1:1: the file holds a single value, not a map: start it with a section, such as server:"],
  },
  {
    name: "XML",
    text: '<?xml version="1.0"?>\n<server port="1"/>\n',
    problems: ["FILE:1:1: the file holds a single value, not a map: start it with a section, such as server:"],
  },
];
