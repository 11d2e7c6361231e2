import { describeLaw } from '../../support/describe-law.js'

await describeLaw(2, 4)
