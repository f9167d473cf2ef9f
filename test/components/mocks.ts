import * as pulumi from "@pulumi/pulumi";
import type {
  RegisterResourceOutputsRequest,
  RegisterResourceRequest,
  RegisterResourceResponse,
} from "@pulumi/pulumi/proto/resource_pb.js";
import type { Mocks } from "@pulumi/pulumi/runtime/mocks.js";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks.js";
import { getMonitor } from "@pulumi/pulumi/runtime/settings.js";
import type { Value } from "./value.ts";

/** One resource as the program registered it with the engine. */
export interface Registered {
  readonly type: string;
  readonly name: string;
  readonly urn: string;
  readonly parent: string;
  readonly inputs: Record<string, Value>;
  readonly dependencies: readonly string[];
  readonly deletedWith: string;
  readonly ignoreChanges: readonly string[];
  readonly provider: string;
  readonly protect: boolean;
  readonly updateTimeout: string | undefined;
  /** What a component handed to registerOutputs; undefined when it never did. */
  outputs: Record<string, Value> | undefined;
}

/** The marker that stands for a value not known in a preview (sdk/nodejs/runtime/rpc.ts, unknownValue). */
export const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** The digest every image is built to here. */
export const digest = `sha256:${"ab".repeat(32)}`;

function textOf(value: Value | undefined): string {
  return typeof value === "string" ? value : "";
}

/** What the real plugins would add to a resource's inputs. */
function computed(type: string, inputs: Record<string, Value>, preview: boolean): Record<string, Value> {
  if (type !== "docker:index/image:Image" || preview) return {};
  return { repoDigest: `${textOf(inputs["imageName"]).replace(/:[^:/]*$/, "")}@${digest}` };
}

function struct(message: { toJavaScript(): unknown } | undefined): Record<string, Value> {
  return (message?.toJavaScript() ?? {}) as Record<string, Value>;
}

function record(request: RegisterResourceRequest, urn: string): Registered {
  return {
    type: request.getType(),
    name: request.getName(),
    urn,
    parent: request.getParent(),
    inputs: struct(request.getObject()),
    dependencies: request.getDependenciesList(),
    deletedWith: request.getDeletedwith(),
    ignoreChanges: request.getIgnorechangesList(),
    provider: request.getProvider(),
    protect: request.getProtect() ?? false,
    updateTimeout: request.getCustomtimeouts()?.getUpdate(),
    outputs: undefined,
  };
}

type Answer = (error: unknown, response: unknown) => void;

/** Hears what the program tells the engine: mocks alone are not told parents, options and outputs. */
function listen(monitor: MockMonitor): Registered[] {
  const heard: Registered[] = [];
  const register = monitor.registerResource.bind(monitor);
  const registerOutputs = monitor.registerResourceOutputs.bind(monitor);
  monitor.registerResource = (request: RegisterResourceRequest, answer: Answer) =>
    register(request, (error: unknown, response: RegisterResourceResponse | undefined) => {
      if (response !== undefined) heard.push(record(request, response.getUrn()));
      answer(error, response);
    });
  monitor.registerResourceOutputs = (request: RegisterResourceOutputsRequest, answer: Answer) => {
    const component = heard.find((resource) => resource.urn === request.getUrn());
    if (component !== undefined) component.outputs = struct(request.getOutputs());
    registerOutputs(request, answer);
  };
  return heard;
}

/** Everything a program registered, once it has registered everything. */
export class Recording {
  readonly resources: readonly Registered[];
  constructor(resources: readonly Registered[]) {
    this.resources = resources;
  }

  ofType(type: string): Registered[] {
    return this.resources.filter((resource) => resource.type === type);
  }

  /** The one resource of a type (and logical name, where there are several); throws when there is none or more than one. */
  one(type: string, name?: string): Registered {
    const found = this.ofType(type).filter((resource) => name === undefined || resource.name === name);
    const [only] = found;
    if (only === undefined || found.length > 1)
      throw new Error(`${found.length} resources of type ${type}, expected 1`);
    return only;
  }
}

export interface Circumstances {
  readonly preview?: boolean;
  /** The stack's configuration by full key. */
  readonly config?: Readonly<Record<string, string>>;
  /** The stack's resources as the last update left them. */
  readonly state?: readonly { readonly type: string; readonly outputs: Value }[];
}

/**
 * Runs a program against mocks in place of the engine and its plugins, and waits until all it does is done.
 * What plugins do (schema checks, defaults, waiting) is not exercised.
 */
export async function run<T>(
  program: () => T | Promise<T>,
  { preview = false, config = {}, state = [] }: Circumstances = {},
): Promise<{ result: T; recording: Recording }> {
  const mocks: Mocks = {
    call: ({ token }) =>
      token === "pulumi:pulumi:readStackResourceOutputs" ? { outputs: Object.fromEntries(state.entries()) } : {},
    newResource: ({ type, name, inputs }) => {
      const given = inputs as Record<string, Value>;
      return {
        id: preview ? undefined : `${name}-id`,
        state: { ...given, ...computed(type, given, preview) },
      };
    },
  };
  await pulumi.runtime.setMocks(mocks, "etcd", "test", preview, "organization");
  const monitor: unknown = getMonitor();
  if (!(monitor instanceof MockMonitor)) throw new Error("setMocks did not put a MockMonitor in the engine's place");
  const heard = listen(monitor);
  pulumi.runtime.setAllConfig({ ...config });
  const result = await program();
  await pulumi.runtime.disconnect();
  return { result, recording: new Recording(heard) };
}

/** The value of an output; never resolves when it is not known, which a test's time limit turns into a failure. */
export function promiseOf<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => {
    output.apply(resolve);
  });
}
