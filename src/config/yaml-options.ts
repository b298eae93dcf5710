/** How YAML is read, wherever that is: in a file, in an edit and in a variable. */
export const yamlOptions = {
  prettyErrors: false,
  merge: true,
  // The library compares each key with all others, which takes seconds for a large file; they are looked for apart.
  uniqueKeys: false,
  // A tag would make a set or a date of what should be a map or text.
  resolveKnownTags: false,
} as const;
