import process from "node:process";
import grpc from "@grpc/grpc-js";
import emptyProto from "google-protobuf/google/protobuf/empty_pb.js";
import languageService from "@pulumi/pulumi/proto/language_grpc_pb.js";
import languageProto from "@pulumi/pulumi/proto/language_pb.js";
import pluginProto from "@pulumi/pulumi/proto/plugin_pb.js";
import { EngineReporter } from "../rpc/engine.ts";
import { duringCall, type Plugin } from "../rpc/serve.ts";
import { Sessions } from "../rpc/sessions.ts";
import { parseStruct, textAt } from "../rpc/values.ts";
import type { ProgramAhead } from "./ahead.ts";
import { installDependencies } from "./install.ts";
import { installedPackages } from "./packages.ts";
import type { ProgramOutcome, ProgramRun } from "./program.ts";
import { startProgram } from "./program.ts";

/** What serves one engine: the way to tell it something, and how to stop what runs for it. */
interface Session {
  readonly engine: string;
  readonly reporter: EngineReporter;
  readonly running: Set<() => void>;
}

function stopPrograms({ running }: Session): void {
  for (const stop of running) {
    stop();
  }
}

/**
 * @param engine the address of the engine that has started it; undefined: engines attach to it
 * @param ahead a Node.js that is ready for the program to come
 */
export function languagePlugin(engine: string | undefined, ahead?: ProgramAhead): Plugin {
  const sessions = new Sessions<Session>(
    (address) => ({ engine: address, reporter: new EngineReporter(address), running: new Set() }),
    engine,
  );
  return {
    definition: languageService.LanguageRuntimeService,
    implementation: {
      handshake: unary((request: InstanceType<typeof languageProto.LanguageHandshakeRequest>, call) => {
        sessions.open(call.getPeer(), request.getEngineAddress());
        return Promise.resolve(new languageProto.LanguageHandshakeResponse());
      }),
      getPluginInfo: unary(() => Promise.resolve(new pluginProto.PluginInfo())),
      getRequiredPackages: unary(requiredPackages),
      run: unary((request: RunRequest, call) => run(sessions.of(call.getPeer()), request, call, ahead)),
      about: unary(about),
      getProgramDependencies: unary(programDependencies),
      installDependencies,
      cancel: unary((_, call) => {
        stopPrograms(sessions.of(call.getPeer()));
        return Promise.resolve(new emptyProto.Empty());
      }),
    },
    abandon: () => {
      for (const session of sessions.all()) stopPrograms(session);
    },
  };
}

function unary<Request, Response>(
  work: (request: Request, call: grpc.ServerUnaryCall<Request, Response>) => Promise<Response>,
): grpc.handleUnaryCall<Request, Response> {
  return (call, callback) => {
    void duringCall(async () => {
      try {
        callback(null, await work(call.request, call));
      } catch (error) {
        callback({ code: grpc.status.UNKNOWN, details: error instanceof Error ? error.message : String(error) });
      }
    });
  };
}

type RunRequest = InstanceType<typeof languageProto.RunRequest>;
type RunResponse = InstanceType<typeof languageProto.RunResponse>;

async function run(
  { engine, reporter, running }: Session,
  request: RunRequest,
  call: grpc.ServerUnaryCall<RunRequest, RunResponse>,
  ahead: ProgramAhead | undefined,
): Promise<RunResponse> {
  const program = startProgram(programRun(request, engine), (line, stream) => reporter.line(line, stream), ahead);
  running.add(program.stop);
  // The engine gives a run up when the user interrupts it: the program must not go on talking to a deaf monitor.
  call.on("cancelled", program.stop);
  const outcome = await program.outcome;
  running.delete(program.stop);
  await reporter.flush();
  return runResponse(outcome);
}

function programRun(request: RunRequest, engine: string): ProgramRun {
  const info = request.getInfo();
  const options = parseStruct(info?.getOptions());
  return {
    directory: info?.getProgramDirectory() ?? request.getPwd(),
    rootDirectory: info?.getRootDirectory() ?? request.getPwd(),
    pwd: request.getPwd(),
    entryPoint: info?.getEntryPoint() ?? request.getProgram(),
    args: request.getArgsList(),
    organization: request.getOrganization(),
    project: request.getProject(),
    stack: request.getStack(),
    dryRun: request.getDryrun(),
    parallel: request.getParallel(),
    monitorAddress: request.getMonitorAddress(),
    engineAddress: engine,
    config: new Map(request.getConfigMap().getEntryList()),
    configSecretKeys: request.getConfigsecretkeysList(),
    options: {
      typescript: options["typescript"] !== false && textAt(options, "typescript") !== "false",
      tsconfig: textAt(options, "tsconfig") ?? "",
      nodeargs: textAt(options, "nodeargs") ?? "",
    },
  };
}

function runResponse(outcome: ProgramOutcome): RunResponse {
  const response = new languageProto.RunResponse();
  if (outcome.kind === "bailed") {
    response.setBail(true);
  } else if (outcome.kind === "failed") {
    response.setError(outcome.message);
  }
  return response;
}

type Info = InstanceType<typeof languageProto.ProgramInfo>;

async function requiredPackages(request: { getInfo(): Info | undefined }) {
  const response = new languageProto.GetRequiredPackagesResponse();
  for (const { plugin } of await installedPackages(request.getInfo()?.getProgramDirectory() ?? process.cwd())) {
    if (plugin !== undefined) {
      const dependency = new pluginProto.PackageDependency();
      dependency.setName(plugin.name);
      dependency.setKind("resource");
      dependency.setVersion(plugin.version);
      dependency.setServer(plugin.server);
      response.addPackages(dependency);
    }
  }
  return response;
}

async function programDependencies(request: { getInfo(): Info | undefined }) {
  const response = new languageProto.GetProgramDependenciesResponse();
  for (const installed of await installedPackages(request.getInfo()?.getProgramDirectory() ?? process.cwd())) {
    const dependency = new languageProto.DependencyInfo();
    dependency.setName(installed.name);
    dependency.setVersion(installed.version);
    response.addDependencies(dependency);
  }
  return response;
}

function about(): Promise<InstanceType<typeof languageProto.AboutResponse>> {
  const response = new languageProto.AboutResponse();
  response.setExecutable(process.execPath);
  response.setVersion(process.version);
  return Promise.resolve(response);
}
