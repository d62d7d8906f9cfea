# Everything that is neither the program nor its tests.
include tools/docs.mk
include tools/install.mk
include tools/describe.mk
include tools/deb.mk
