//! Status objects: reasons, codes and message templates of the API server.
