# The manual page in the tree is the one the program makes:
#   natsctl --help-man > docs/man/natsctl.1
execute_process(COMMAND ${PROGRAM} --help-man OUTPUT_VARIABLE made COMMAND_ERROR_IS_FATAL ANY)
file(READ ${PAGE} written)
if(NOT made STREQUAL written)
    message(FATAL_ERROR "${PAGE} is not what ${PROGRAM} --help-man makes")
endif()
