"""Hash secrets for storage."""

from django.contrib.auth.hashers import PBKDF2PasswordHasher


class RandomSecretHasher(PBKDF2PasswordHasher):
    """For generated secrets of a hundred random characters, which cannot be guessed however fast the hash is.

    A password of a person needs a slow hash; a machine that signs in each hour should not cost a second of processor.
    """

    algorithm = "pbkdf2_sha256_random"
    iterations = 1
