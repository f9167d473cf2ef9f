import { registryName } from "../components/image-name.ts";
import { UserError } from "../local/errors.ts";

/**
 * The registry that Antithesis gives a tenant; a dash in the tenant's name is written -p there.
 * @throws UserError (exit code 2) where the name can't be a tenant's
 */
function tenantRegistry(tenant: string): string {
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(tenant)) {
    throw new UserError(
      `--tenant is "${tenant}", but a tenant's name has small letters, digits and single dashes only: take the part before .antithesis.com`,
      2,
    );
  }
  return `us-central1-docker.pkg.dev/molten-verve-216720/${tenant.replaceAll("-", "-p")}-repository`;
}

/**
 * Where images are packaged to and launched from: the registry that is named, or the tenant's.
 * @throws UserError (exit code 2) where neither is named, or a name can't be one
 */
export function registryOf({ tenant, registry }: { readonly tenant?: string; readonly registry?: string }): string {
  if (registry !== undefined) {
    const checked = registryName(registry, "etcd:registry");
    if ("value" in checked) return checked.value;
    throw new UserError(`--registry is "${registry}", but must be host[:port][/path] without a scheme`, 2);
  }
  if (tenant !== undefined) return tenantRegistry(tenant);
  throw new UserError("--tenant says whose registry the images go to: name yours, or any registry with --registry", 2);
}
