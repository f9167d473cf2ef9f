import { main } from "./program.ts";
import { realPorts } from "./real-ports.ts";

// A request that nobody waits for any more must not keep the pod from ending.
void main(realPorts).then((code) => process.exit(code));
