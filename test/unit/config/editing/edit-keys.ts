// Sets keys of the file that is named: `edit-keys.ts FILE NAME…` sets each to 1, one edit after the other.
import { editFile } from "../../../../src/config/editing/edit-file.ts";
import { setInText } from "../../../../src/config/editing/edit-text.ts";

const [file = "", ...names] = process.argv.slice(2);
for (const name of names) {
  await editFile(
    file,
    (text) => setInText(text, ["keys", name], 1),
    async () => undefined,
  );
}
