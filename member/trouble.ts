/**
 * Whoever was asked is of no help now: no answer, a no, or nonsense. It is asked again, or somebody else is; the program
 * neither ends nor takes it for a word about the cluster. Every other error is a defect of this program.
 */
export abstract class Trouble extends Error {}
