import { request } from "node:http";
import { connect } from "node:net";

/** How long one look at a component may take (ms). */
const patience = 2000;

/** Whether a plain HTTP GET is answered with 200. */
export function answersHttp(
  target: { socketPath: string } | { host: string; port: number },
  path: string,
): Promise<boolean> {
  return new Promise((resolve) => {
    const sent = request({ ...target, path, timeout: patience }, (response) => {
      response.resume();
      response.on("end", () => resolve(response.statusCode === 200));
      response.on("error", () => resolve(false));
    });
    sent.on("timeout", () => sent.destroy());
    sent.on("error", () => resolve(false));
    sent.on("close", () => resolve(false));
    sent.end();
  });
}

/** Whether a connection is taken, within `timeout` ms. */
export function takesConnections(
  target: { path: string } | { host: string; port: number },
  timeout = patience,
): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ ...target, timeout });
    const answer = (taken: boolean): void => {
      socket.destroy();
      resolve(taken);
    };
    socket.on("connect", () => answer(true));
    socket.on("timeout", () => answer(false));
    socket.on("error", () => answer(false));
  });
}
