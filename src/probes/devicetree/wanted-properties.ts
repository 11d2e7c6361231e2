import { BINDING_PROPERTIES } from '../../machine/devicetree-properties.js'

/** Says of a property name whether its bytes are to be read. */
export type PropertyFilter = (name: string) => boolean

/** What `probe` reads. */
export const bindingProperties: PropertyFilter = (name) => BINDING_PROPERTIES.has(name)

/** What `decode` reads. */
export const everyProperty: PropertyFilter = () => true
