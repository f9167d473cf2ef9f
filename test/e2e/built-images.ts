import Docker from "dockerode";
import { worldEnvironment } from "./world.ts";

/** Takes the images below a repository away from the Docker Engine, which keeps what it built and pushed. */
export async function removeBuilt(repository: string): Promise<void> {
  const host = (await worldEnvironment())["DOCKER_HOST"] ?? "unix:///var/run/docker.sock";
  const docker = host.startsWith("unix://") ? new Docker({ socketPath: host.slice("unix://".length) }) : new Docker();
  const built = await docker.listImages({ filters: { reference: [`${repository}/*`] } });
  const names = built.flatMap(({ RepoTags }) => RepoTags ?? []).filter((name) => name.startsWith(`${repository}/`));
  for (const name of names) await docker.getImage(name).remove();
}
