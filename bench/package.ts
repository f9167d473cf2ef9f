import { dirname } from "node:path";
import { execa } from "execa";
import { registry, TestStack, worldEnvironment } from "../test/e2e/world.ts";
import type { Figure } from "./result.ts";

/** Times `npm run antithesis -- package` as a person types it, npm's own start included, when the registry has everything. */
export async function run(rounds: number): Promise<Figure[]> {
  const stack = new TestStack("bench-package", { "etcd:imagePullPolicy": "Never" });
  stack.set("resources", { requests: { cpu: "250m", memory: "256Mi" }, limits: { memory: "384Mi" } });
  try {
    const env = { ...(await worldEnvironment()), XDG_STATE_HOME: dirname(stack.configFile) };
    const args = ["run", "-s", "antithesis", "--", "package", "--registry", `${registry}/bench-package`];
    const packaged = () => execa("npm", [...args, "--config-file", stack.configFile], { env });
    await packaged();
    const samples: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const started = performance.now();
      const { stderr } = await packaged();
      samples.push((performance.now() - started) / 1000);
      if (stderr.includes(" pushed")) throw new Error(`nothing had changed, but an image was pushed:\n${stderr}`);
    }
    const name = "npm run antithesis -- package, nothing changed";
    return [{ name, unit: "s", samples, judged: "max", bound: 10 }];
  } finally {
    stack.forget();
  }
}
