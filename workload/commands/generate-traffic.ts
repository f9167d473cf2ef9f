import { AcknowledgedLog } from "../acknowledged.ts";
import { MemberClient } from "../etcd/member-client.ts";
import { findMembers } from "../etcd/members.ts";
import { simulateTraffic, validatePuts, type PutPhase, type ReadPhase } from "../generated-traffic.ts";
import { uniqueName } from "../random.ts";
import { type TestCommand, type TestContext } from "./test-command.ts";

export const generateTraffic: TestCommand = {
  name: "parallel_driver_generate_traffic",
  summary: "1 to 100 puts of random keys through a random member, then reads of them through a random member.",
  run,
};

async function run({ cluster, deadlineMs, random, assertions, say }: TestContext): Promise<boolean> {
  const members = await findMembers(cluster);
  if (members.length === 0) {
    say(`no member of ${cluster.clusterName} resolves under ${cluster.peerService}: nothing was sent`);
    return true;
  }
  const clients = members.map((address) => new MemberClient(address, deadlineMs));
  const log = new AcknowledgedLog(process.env, clients, uniqueName());
  try {
    const puts = await simulateTraffic(random, clients, assertions, say, (put) => log.add(put));
    await log.flush();
    const reads = await validatePuts(random, clients, puts.acknowledged, assertions, say);
    say(summary(puts, reads));
    return reads.violation === undefined;
  } finally {
    for (const client of clients) client.close();
  }
}

function summary(puts: PutPhase, reads: ReadPhase): string {
  const { acknowledged, failed, unknown } = puts;
  return (
    `${acknowledged.length + failed + unknown} puts through ${puts.member}: ` +
    `${acknowledged.length} acknowledged, ${failed} failed, ${unknown} unknown; ` +
    `reads through ${reads.member}: ${reads.asWritten} as written, ${reads.unread} not read`
  );
}
