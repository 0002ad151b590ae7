"""Has python-pam declare what it uses of libpam."""

import pam

pam.PamAuthenticator()
