# Everything that is neither the program nor its tests.
include tools/describe.mk
