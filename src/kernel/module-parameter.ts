/**
 * Whether a value turns a boolean module parameter on. A parameter named without a value is on.
 * Source: K: kernel/params.c, `param_set_bool`; lib/kstrtox.c, `kstrtobool`.
 */
export function isOn(value: string): boolean {
  return value === '' || /^(y|1|t|on)/i.test(value)
}
