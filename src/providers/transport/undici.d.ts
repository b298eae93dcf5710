// The library's types are those of its index, which loads twice as much as is needed here.
declare module "undici/lib/dispatcher/client.js" {
  import { Client } from "undici";

  export { Client as default };
}
