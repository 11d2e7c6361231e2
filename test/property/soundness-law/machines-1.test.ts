import { describeLaw } from '../../support/describe-law.js'

await describeLaw(0, 4)
