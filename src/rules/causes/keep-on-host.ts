/** The step where nothing else would help; one sentence, so that it is one step whatever else is missing. */
export const KEEP_ON_HOST =
  'Keep the device on the host: nothing that can be set on this machine lets it be handed out safely.'
