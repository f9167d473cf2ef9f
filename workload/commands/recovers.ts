import { untilTrue, whyNotHealthy } from "../etcd/cluster-view.ts";
import { uniqueName } from "../random.ts";
import { listMembers, withMembers } from "../etcd/cluster-view.ts";
import { type TestCommand, type TestContext } from "./test-command.ts";

/** When all faults are over: the cluster heals by itself, and every member takes writes and has those of the others. */
export const recovers: TestCommand = {
  name: "eventually_recovers",
  summary: "Waits until every member serves again; then a write through each is read through all.",
  async run(context) {
    const { cluster, deadlineMs, withinMs, assertions, say } = context;
    const why = await untilTrue(withinMs, async () => {
      return (await whyNotHealthy(cluster, deadlineMs, undefined)) ?? (await whyNotWritable(context));
    });
    assertions.alwaysOrUnreachable("All members serve again when the faults are over", why === undefined, {
      why: why ?? null,
    });
    say(
      why === undefined ? "all members serve again" : `the cluster does not serve after ${withinMs / 1000} s: ${why}`,
    );
    return why === undefined;
  },
};

async function whyNotWritable({ cluster, deadlineMs }: TestContext): Promise<string | undefined> {
  const listed = (await listMembers(cluster, deadlineMs)) ?? [];
  const names = listed.map(({ name }) => name);
  return withMembers(names, cluster, deadlineMs, async (members) => {
    for (const writer of members) {
      const [key, value] = [`recovered/${writer.name}`, uniqueName()];
      const put = await writer.client.put(key, value);
      if (put.kind !== "ok") return `a write through ${writer.name} met ${put.error.message}`;
      for (const reader of members) {
        const got = await reader.client.get(key);
        if (got.kind !== "ok") return `a read through ${reader.name} met ${got.error.message}`;
        if (got.value.kv?.value !== value)
          return `${reader.name} does not show what was written through ${writer.name}`;
      }
    }
    return members.length === 0 ? "no member tells who the members are" : undefined;
  });
}
