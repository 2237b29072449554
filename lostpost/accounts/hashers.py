"""How secrets are kept."""

from django.contrib.auth.hashers import PBKDF2PasswordHasher


class RandomSecretHasher(PBKDF2PasswordHasher):
    """For secrets that we made ourselves of a hundred random characters: nobody guesses those, however fast.

    A password of a person needs a slow hash; a machine that signs in each hour should not cost a second of processor.
    """

    algorithm = "pbkdf2_sha256_random"
    iterations = 1
