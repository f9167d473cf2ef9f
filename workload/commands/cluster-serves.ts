import { untilTrue, whyNotHealthy } from "../etcd/cluster-view.ts";
import { type TestCommand } from "./test-command.ts";

/** Before anything else, while there are no faults: a run on a cluster that does not serve would prove nothing. */
export const clusterServes: TestCommand = {
  name: "first_cluster_serves",
  summary: "Waits until every member of the cluster is a voter that can be read from.",
  async run({ cluster, deadlineMs, withinMs, assertions, say }) {
    const why = await untilTrue(withinMs, () => whyNotHealthy(cluster, deadlineMs, undefined));
    assertions.always("Every member serves before the first fault", why === undefined, { why: why ?? null });
    say(why === undefined ? "every member serves" : `the cluster does not serve after ${withinMs / 1000} s: ${why}`);
    return why === undefined;
  },
};
