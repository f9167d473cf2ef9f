import type { PropertyValue } from "./values.ts";
import grpc from "@grpc/grpc-js";
import engineService from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import engineProto from "@pulumi/pulumi/proto/engine_pb.js";

export type Severity = "info" | "warning" | "error";

/** What a plugin can tell the person who watches the run. */
export interface Reporter {
  /** A message that stays, under the resource. */
  log(severity: Severity, urn: string, message: string): void;
  /** The line beside the resource while it is worked on; the next one, or an empty one, takes its place. */
  status(urn: string, message: string): void;
  /** Waits until the engine has all messages: they must not come after the resource's own result. */
  flush(): Promise<void>;
}

interface Message {
  readonly severity: Severity;
  readonly urn: string;
  readonly message: string;
  /** It gives way to the next. */
  readonly ephemeral: boolean;
  /** 0: it stands alone. */
  readonly stream: number;
}

/** Reports to the engine that listens at this address. Messages keep their order. */
export class EngineReporter implements Reporter {
  readonly #address: string;
  #client: InstanceType<typeof engineService.EngineClient> | undefined;
  #sent: Promise<void> = Promise.resolve();
  /** By resource. Where no terminal is, each message becomes a line: the same one is not told twice in a row. */
  readonly #shown = new Map<string, string>();

  constructor(address: string) {
    this.#address = address;
  }

  log(severity: Severity, urn: string, message: string): void {
    this.#send({ severity, urn, message, ephemeral: false, stream: 0 });
  }

  status(urn: string, message: string): void {
    if ((this.#shown.get(urn) ?? "") === message) return;
    this.#shown.set(urn, message);
    this.#send({ severity: "info", urn, message, ephemeral: true, stream: 0 });
  }

  /** A line of a program's output; lines of one stream are shown together. */
  line(text: string, stream: number): void {
    if (text.trim() === "") return;
    this.#send({ severity: "info", urn: "", message: `${text}\n`, ephemeral: false, stream });
  }

  async flush(): Promise<void> {
    await this.#sent;
  }

  #send({ severity, urn, message, ephemeral, stream }: Message): void {
    const request = new engineProto.LogRequest();
    request.setSeverity(severities[severity]);
    request.setUrn(urn);
    request.setMessage(message);
    request.setEphemeral(ephemeral);
    request.setStreamid(stream);
    this.#client ??= new engineService.EngineClient(this.#address, grpc.credentials.createInsecure());
    const client = this.#client;
    this.#sent = this.#sent.then(
      () =>
        new Promise((resolve) => {
          // An engine that is gone can't show a message: the call the message belongs to ends anyhow.
          client.log(request, () => resolve());
        }),
    );
  }
}

const severities = {
  info: engineProto.LogSeverity.INFO,
  warning: engineProto.LogSeverity.WARNING,
  error: engineProto.LogSeverity.ERROR,
} as const satisfies Record<Severity, PropertyValue>;
