// Sets server.port of the file that is named, to one more each time from the number that is given on, until it is killed.
// It writes `<` before each edit and `>` after it, and a line before the first.
import { writeSync } from "node:fs";
import { editFile } from "../../../src/config/editing/edit-file.ts";
import { setInText } from "../../../src/config/editing/edit-text.ts";

const [file = "", first = ""] = process.argv.slice(2);
const path = ["server", "port"];

// So that all is loaded, and the first edit is as quick as the others.
setInText("", path, 1);
writeSync(1, "ready\n");
for (let port = Number(first); ; port++) {
  writeSync(1, "<");
  await editFile(
    file,
    (text) => setInText(text, path, port),
    async () => undefined,
  );
  writeSync(1, ">");
}
