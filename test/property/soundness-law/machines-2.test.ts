import { describeLaw } from '../../support/describe-law.js'

await describeLaw(1, 4)
