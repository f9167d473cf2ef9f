import path from "node:path";
import process from "node:process";
import { stripVTControlCharacters } from "node:util";
import type Docker from "dockerode";
import { UserError } from "../../errors.ts";
import type { PropertyValue } from "../rpc/values.ts";
import { parseJson, textAt } from "../rpc/values.ts";
import type { BuildWish, Credentials } from "./inputs.ts";
import { parseImageName } from "./image-name.ts";
import { packContext } from "./pack.ts";

/** What a build or push says while it is under way. */
export type Listener = (line: string) => void;

/** How many of the last lines of a failed step are told. */
const linesToTell = 10;

/** The Docker Engine that builds and pushes: at `host`, or where DOCKER_HOST says, or Docker's own default. */
export class DockerEngine {
  readonly #host: string;
  readonly #cancelled: AbortSignal;

  /** @param cancelled given when the user wants to stop: a build or push under way ends */
  constructor(host: string | undefined, cancelled: AbortSignal) {
    this.#cancelled = cancelled;
    this.#host = host ?? process.env["DOCKER_HOST"] ?? "unix:///var/run/docker.sock";
  }

  /**
   * Builds an image and gives it its name.
   * @param labels kept in the image
   * @param pull true: base images are asked for anew, in case the registry has others by now
   * @returns the image's ID, `sha256:…`
   * @throws UserError with the step that failed and its last lines
   */
  async build(
    imageName: string,
    wish: BuildWish,
    options: { labels: Record<string, string>; pull: boolean; credentials: Credentials | undefined },
    listener: Listener,
  ): Promise<string> {
    const docker = await this.#connect();
    const { stream, dockerfile } = await packContext(wish.context, wish.dockerfile);
    const progress = new BuildProgress(imageName, listener);
    const answer = await this.#ask(() =>
      docker.buildImage(stream, {
        t: imageName,
        abortSignal: this.#cancelled,
        dockerfile,
        buildargs: { ...wish.args },
        labels: options.labels,
        pull: options.pull,
        forcerm: true,
        ...(wish.target === undefined ? {} : { target: wish.target }),
        ...(wish.platform === undefined ? {} : { platform: wish.platform }),
        ...(wish.network === undefined ? {} : { networkmode: wish.network }),
        ...(wish.addHosts.length === 0 ? {} : { extrahosts: wish.addHosts.join(",") }),
        ...(wish.cacheFrom.length === 0 ? {} : { cachefrom: JSON.stringify(wish.cacheFrom) }),
        ...(wish.builderVersion === "BuilderBuildKit" ? { version: "2" as const } : {}),
        ...registryConfiguration(options.credentials),
      }),
    );
    await eachMessage(answer, (message) => progress.note(message));
    return await this.#idOf(docker, imageName);
  }

  /**
   * Pushes an image to the registry its name says.
   * @returns the digest the registry knows it by
   */
  async push(imageName: string, credentials: Credentials | undefined, listener: Listener): Promise<string> {
    const docker = await this.#connect();
    const { registry, tag } = parseImageName(imageName);
    const authconfig =
      credentials === undefined
        ? {}
        : { username: credentials.username, password: credentials.password, serveraddress: credentials.server };
    const answer = await this.#ask(() =>
      docker.getImage(imageName).push({ tag, authconfig, abortSignal: this.#cancelled }),
    );
    let digest: string | undefined;
    await eachMessage(answer, (message) => {
      const error = textAt(message, "error");
      if (error !== undefined) {
        throw new UserError(`the image ${imageName} could not be pushed to the registry ${registry}: ${error}`);
      }
      digest = textAt(message, "aux", "Digest") ?? digest;
      listener(textAt(message, "status") ?? "");
    });
    if (digest === undefined) {
      throw new UserError(`the image ${imageName} was pushed, but the Docker Engine named no digest for it`);
    }
    return digest;
  }

  async #idOf(docker: Docker, imageName: string): Promise<string> {
    return (await this.#ask(() => docker.getImage(imageName).inspect())).Id;
  }

  /** Loading the client takes a tenth of a second, which only a run that builds is to pay. */
  async #connect(): Promise<Docker> {
    const { default: DockerClient } = await import("dockerode");
    const socket = /^unix:\/\/(.+)$/.exec(this.#host)?.[1];
    if (socket !== undefined) {
      return new DockerClient({ socketPath: path.resolve(socket) });
    }
    const url = /^(tcp|http|https):\/\//.test(this.#host) ? new URL(this.#host.replace(/^tcp:/, "http:")) : undefined;
    if (url === undefined) {
      throw new UserError(`DOCKER_HOST is "${this.#host}": expected unix:///path or tcp://host:port`);
    }
    // With DOCKER_CERT_PATH the client reads its certificates from there by itself.
    return process.env["DOCKER_TLS_VERIFY"] === undefined
      ? new DockerClient({ protocol: "http", host: url.hostname, port: url.port === "" ? 2375 : Number(url.port) })
      : new DockerClient();
  }

  async #ask<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (this.#cancelled.aborted) {
        throw new UserError("the operation was cancelled");
      }
      if (error instanceof Error && "code" in error && isUnreachable(error.code)) {
        throw new UserError(
          `the Docker Engine at ${this.#host} could not be reached (${error.message}): start it, or set DOCKER_HOST`,
        );
      }
      // The Docker Engine's own words come wrapped in its client's.
      throw error instanceof Error
        ? new UserError(
            `the Docker Engine refused: ${error.message.replace(/^\(HTTP code \d+\) [\w ]+ - /, "").trim()}`,
          )
        : error;
    }
  }
}

function isUnreachable(code: unknown): boolean {
  return ["ENOENT", "ECONNREFUSED", "EACCES", "ENOTFOUND", "ETIMEDOUT", "EHOSTUNREACH"].includes(String(code));
}

function registryConfiguration(credentials: Credentials | undefined): Docker.ImageBuildOptions {
  return credentials === undefined
    ? {}
    : { registryconfig: { [credentials.server]: { username: credentials.username, password: credentials.password } } };
}

/** Follows the steps of a build, to say which one failed and what it printed. */
class BuildProgress {
  readonly #imageName: string;
  readonly #listener: Listener;
  #step = "";
  #lines: string[] = [];

  constructor(imageName: string, listener: Listener) {
    this.#imageName = imageName;
    this.#listener = listener;
  }

  note(message: PropertyValue): void {
    const error = textAt(message, "error");
    if (error !== undefined) {
      const output = this.#lines.length === 0 ? "" : `\n${this.#lines.slice(-linesToTell).join("\n")}`;
      const where = this.#step === "" ? "" : ` at ${this.#step}`;
      throw new UserError(`building the image ${this.#imageName} failed${where}: ${error}${output}`);
    }
    for (const line of (textAt(message, "stream") ?? textAt(message, "status") ?? "").split("\n")) {
      // What a step prints in color would color the error as well.
      this.#noteLine(stripVTControlCharacters(line).trimEnd());
    }
  }

  #noteLine(line: string): void {
    if (line === "") {
      return;
    }
    if (/^Step \d+\/\d+ : /.test(line)) {
      this.#step = line;
      this.#lines = [];
    } else if (!/^( ---> |Removing intermediate container )/.test(line)) {
      this.#lines.push(line);
    }
    this.#listener(line);
  }
}

async function eachMessage(stream: NodeJS.ReadableStream, take: (message: PropertyValue) => void): Promise<void> {
  stream.setEncoding("utf8");
  let rest = "";
  for await (const chunk of stream) {
    const lines = (rest + String(chunk)).split("\n");
    rest = lines.pop() ?? "";
    lines.filter((line) => line.trim() !== "").forEach((line) => take(parseJson(line)));
  }
  if (rest.trim() !== "") {
    take(parseJson(rest));
  }
}
