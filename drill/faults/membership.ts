import { type World } from "../cluster/world.ts";
import { always, type FaultKind } from "./fault.ts";

/** More members for a while, then as many as before: by the number of replicas, as `kubectl scale` changes it. */
export const scale: FaultKind = {
  kind: "scale",
  title: ({ options }) => `scaled by ${options?.["by"] ?? "2"} and back`,
  alone: true,
  visibleWithinMs: 120_000,
  recoveryBoundMs: 120_000,
  missing: always,
  undo: (world) => [{ undo: "scale back", replicas: world.replicas }],
  async start(world, planned) {
    const wanted = world.replicas + Number(planned.options?.["by"] ?? "2");
    await world.kubernetes.scale(world.name, wanted);
    return async () => ((await votersAre(world, wanted)) ? `${wanted} voters are listed, and no learner` : undefined);
  },
};

/** Whether the cluster has exactly these voters and no learner, by the word of a member that stays. */
export async function votersAre(world: World, wanted: number): Promise<boolean> {
  const [first = ""] = world.expected();
  const listed = await world.gateway.members(first);
  const names = listed.map(({ name }) => name).sort();
  return listed.every(({ isLearner }) => !isLearner) && names.join() === world.expected(wanted).sort().join();
}
