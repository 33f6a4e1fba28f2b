"""What a refused form says."""


def codes(caught):
    return {(one.field, one.code) for one in caught.value.errors}
