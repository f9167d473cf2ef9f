import { UserError } from "../local/errors.ts";

/**
 * The registry that Antithesis gives a tenant; a dash in the tenant's name is written -p there.
 * @throws UserError (exit code 2) where the name can't be a tenant's
 */
export function tenantRegistry(tenant: string): string {
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(tenant)) {
    throw new UserError(
      `--tenant is "${tenant}", but a tenant's name has small letters, digits and single dashes only: take the part before .antithesis.com`,
      2,
    );
  }
  return `us-central1-docker.pkg.dev/molten-verve-216720/${tenant.replaceAll("-", "-p")}-repository`;
}
