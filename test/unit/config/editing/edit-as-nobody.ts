// Sets a key of the file that is named, as another user where this one may do all, and writes what is said about it.
import { editFile } from "../../../../src/config/editing/edit-file.ts";
import { setInText } from "../../../../src/config/editing/edit-text.ts";
import { messageOf } from "../../../../src/errors.ts";

const [file = ""] = process.argv.slice(2);
const nobody = 65534;

if (process.getuid?.() === 0) process.setuid?.(nobody);
const edit = editFile(
  file,
  (text) => setInText(text, ["port"], 2),
  async () => undefined,
);
process.stdout.write(await edit.then(() => "edited", messageOf));
