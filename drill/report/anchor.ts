/** What an element can be linked to by: the name with everything but letters, digits and dashes replaced. */
export function anchor(name: string): string {
  return name.replace(/[^A-Za-z0-9-]+/g, "-");
}
