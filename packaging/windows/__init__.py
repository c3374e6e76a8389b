"""The Windows package: built and install-tested on Debian.

`inputs` fetches, `stage` lays out the program folder, `installer` makes the MSI of it, `wine` runs Windows programs,
`check_install` installs the MSI under Wine and tries it. What needs a real Windows is in WINDOWS_CHECKLIST.md.
"""
