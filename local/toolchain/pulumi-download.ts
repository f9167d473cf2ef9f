// Run as a process of its own, so that a download that hangs can be ended: node pulumi-download.ts FOLDER
import process from "node:process";
import { PulumiCommand } from "@pulumi/pulumi/automation/index.js";

const root = process.argv[2];
if (root === undefined) {
  throw new Error("usage: node pulumi-download.ts FOLDER");
}
// The release that belongs to the SDK in package.json.
await PulumiCommand.install({ root });
