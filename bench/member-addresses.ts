import { type TestStack, worldEnvironment } from "../test/e2e/world.ts";

/** Addresses of the three members' pods, which this machine reaches where it is the cluster's node. */
export async function memberAddresses(stack: TestStack): Promise<readonly string[]> {
  await worldEnvironment();
  const { stdout } = await stack.kubectl("get", "pods", "-l", "app=etcd", "-o", "jsonpath={.items[*].status.podIP}");
  const addresses = stdout.split(" ").filter(Boolean);
  if (addresses.length !== 3) throw new Error(`expected the addresses of 3 members, found "${stdout}"`);
  return addresses;
}
