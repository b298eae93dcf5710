// What another process does with the store of the folder that is named: `record` keeps as many tokens as asked for, `revoke`
// revokes a subject, `endless` keeps and revokes tokens until it is killed, and `open` opens both sides of it as another
// user where this one may do all, and says what came of it.
import { RevocationList } from "../../../src/auth/revocation-list.ts";
import { TokenStore } from "../../../src/auth/token-store.ts";
import { messageOf } from "../../../src/errors.ts";

const [what = "", folder = "", detail = ""] = process.argv.slice(2);
const nobody = 65534;

function token(id: string, subject: string) {
  const issuedAt = new Date();
  const expiresAt = new Date(issuedAt.getTime() + 3_600_000);
  return { id, subject, issuedAt, expiresAt, scopes: [], models: undefined, limits: {} };
}

const actions: Readonly<Record<string, () => void>> = {
  record: () => {
    const store = TokenStore.open(folder);
    for (let count = Number(detail); count > 0; count--) store.record(token(crypto.randomUUID(), `of-${process.pid}`));
    store.close();
  },
  revoke: () => {
    const store = TokenStore.open(folder);
    store.revoke({ kind: "subject", name: detail });
    store.close();
  },
  endless: () => {
    const store = TokenStore.open(folder);
    for (let number = 0; ; number++) {
      store.record(token(`${process.pid}-${number}`, "victim"));
      store.revoke({ kind: "token", name: `${process.pid}-${number}` });
      process.stdout.write(`${process.pid}-${number}\n`);
    }
  },
  open: () => {
    if (process.getuid?.() === 0) process.setuid?.(nobody);
    const attempts = {
      list: () => {
        const list = RevocationList.open(folder, { onProblem: (error) => process.stdout.write(messageOf(error)) });
        return list.objectionTo({ subject: "alice", id: undefined, issuedAt: undefined }) ?? "no objection";
      },
      store: () => {
        TokenStore.open(folder);
        return "opened";
      },
    };
    for (const [name, attempt] of Object.entries(attempts)) {
      let outcome: string;
      try {
        outcome = attempt();
      } catch (error) {
        outcome = messageOf(error);
      }
      process.stdout.write(`${name}: ${outcome}\n`);
    }
  },
};

actions[what]?.();
