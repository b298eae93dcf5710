import manifest from "../package.json" with { type: "json" };

// The build puts the commit here; from the sources there is none.
declare const BUILD_COMMIT: string;

/** This server's own version. */
export const version: string = manifest.version;

/** The commit it was built from; `source` when it was not built. */
export const commit: string = typeof BUILD_COMMIT === "string" ? BUILD_COMMIT : "source";
