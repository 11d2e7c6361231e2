import { describeLaw } from '../../support/describe-law.js'

await describeLaw(3, 4)
