import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { ParsedSettings } from "../components/settings.ts";
import { parseSettings, SettingsError } from "../components/settings.ts";
import { UserError } from "../local/errors.ts";
import { projectDir } from "../local/paths.ts";

/** A value as Pulumi hands it to a program: objects as JSON, everything else as its text. */
function asText(key: string, value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "string") return value;
  if (typeof value !== "object") return JSON.stringify(value);
  if ("secure" in value) {
    throw new UserError(
      `${key} is encrypted, but a manifest is plain text and none of the settings is a secret: type \`pulumi config set ${key} VALUE\` without --secret`,
      2,
    );
  }
  return JSON.stringify(value);
}

/** The text of a stack's settings file as configuration by full key. */
export function configOf(file: string, text: string): Record<string, string> {
  let yaml: unknown;
  try {
    yaml = parse(text);
  } catch (error) {
    throw new UserError(`${file} is not valid YAML: ${(error as Error).message.split("\n")[0] ?? ""}`, 2);
  }
  const config = typeof yaml === "object" && yaml !== null && "config" in yaml ? yaml.config : {};
  if (typeof config !== "object" || config === null) return {};
  return Object.fromEntries(Object.entries(config).map(([key, value]) => [key, asText(key, value)]));
}

/**
 * Reads a stack's settings without an engine.
 * @param configFile another file than Pulumi.<stack>.yaml
 * @param instead settings by full key that are to hold in place of the file's
 * @throws UserError (exit code 2) where there is no such file, it can't be read, or a setting in it is wrong
 */
export function stackSettings(
  stack: string,
  configFile: string | undefined,
  instead: Readonly<Record<string, string>> = {},
): ParsedSettings {
  const file = configFile ?? join(projectDir, `Pulumi.${stack.split("/").at(-1) ?? stack}.yaml`);
  if (!existsSync(file)) {
    throw new UserError(`there is no stack file ${file}: name a stack that has one, such as --stack dev`, 2);
  }
  try {
    return parseSettings({ ...configOf(file, readFileSync(file, "utf8")), ...instead });
  } catch (error) {
    if (error instanceof SettingsError) throw new UserError(error.message, 2);
    throw error;
  }
}
