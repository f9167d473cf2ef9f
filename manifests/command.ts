import { join } from "node:path";
import { Command } from "commander";
import { objectGroups } from "../components/object-groups.ts";
import { exitWith } from "../local/errors.ts";
import { manifestFiles, writeManifests } from "./files.ts";
import { imageReferences } from "./images.ts";
import { stackSettings } from "./stack-config.ts";

interface Options {
  readonly stack: string;
  readonly configFile?: string;
  readonly out: string;
}

async function main(): Promise<void> {
  const program = new Command("npm run manifests --")
    .description("Writes what `up` would apply as plain YAML. Needs no cluster, no engine and no network.")
    .option("-s, --stack <name>", "the stack", process.env["PULUMI_STACK"] ?? "dev")
    .option("--config-file <path>", "the stack's settings, where they are not in Pulumi.<stack>.yaml")
    .requiredOption("-o, --out <folder>", "where to write; the folder must hold no other manifests")
    .addHelpText("after", "\nExit code: 0 written, 1 failed, 2 wrong use or a wrong setting.")
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
    .parse();
  const { stack, configFile, out } = program.opts<Options>();
  const { settings, remarks } = stackSettings(stack, configFile);
  const images = await imageReferences(settings);
  const files = manifestFiles(objectGroups(settings, images));
  writeManifests(out, files);
  for (const remark of [...remarks, ...images.remarks]) process.stderr.write(`note: ${remark}\n`);
  for (const { name } of files) process.stdout.write(`${join(out, name)}\n`);
}

await main().catch(exitWith);
